import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { expectNoAxe } from '../test/axe';
import { renderElement } from '../test/render';
import { Needs, useRole } from './role';
import type { Role } from './session';

function Ranks() {
  const { role, atLeast } = useRole();
  return <output>{[role, atLeast('viewer'), atLeast('operator'), atLeast('administrator')].join(' ')}</output>;
}

describe('roles', () => {
  it.each([
    ['viewer', 'viewer true false false'],
    ['operator', 'operator true true false'],
    ['administrator', 'administrator true true true'],
  ] as const)('include those below: %s', (role, text) => {
    renderElement(<Ranks />, { role });
    expect(screen.getByRole('status')).toHaveTextContent(text);
  });
});

function open(role: Role) {
  const pressed = vi.fn<() => void>();
  renderElement(
    <Needs role="operator">
      <button onClick={pressed}>Replay</button>
    </Needs>,
    { role },
  );
  return pressed;
}

describe('a control that needs a role', () => {
  it('works from the role on', async () => {
    const pressed = open('administrator');
    await userEvent.click(screen.getByRole('button', { name: 'Replay' }));
    expect(pressed).toHaveBeenCalledTimes(1);
  });

  it('is there for others, does nothing, and says by keyboard too what it needs', async () => {
    const pressed = open('viewer');
    expect(screen.getByRole('button', { name: 'Replay' })).toBeDisabled();
    await userEvent.tab();
    expect(await screen.findByRole('tooltip')).toHaveTextContent('Needs Operator');
    await expectNoAxe();
    await userEvent.click(screen.getByRole('button', { name: 'Replay' }));
    expect(pressed).not.toHaveBeenCalled();
  });
});
