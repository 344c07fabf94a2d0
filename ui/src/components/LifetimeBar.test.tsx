import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderElement } from '../test/render';
import { LifetimeBar } from './LifetimeBar';

const ROW = {
  created_at: '2026-12-01T10:00:00Z',
  last_renewed_at: null,
  next_renewal_at: '2026-12-01T16:00:00Z',
  expires_at: '2026-12-01T16:00:00Z',
};

describe('the lifetime of a subscription', () => {
  it('is a line that says when it ends', () => {
    renderElement(<LifetimeBar subscription={{ ...ROW, status: 'active' }} />);
    expect(screen.getByRole('img', { name: /^Lifetime: / })).toBeVisible();
  });

  it('has no end where the folder is polled', () => {
    renderElement(<LifetimeBar subscription={{ ...ROW, status: 'polled' }} />);
    expect(screen.queryByRole('img')).toBeNull();
    expect(screen.getByText('Does not end')).toBeVisible();
  });
});
