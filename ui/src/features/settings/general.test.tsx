import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { expectNoAxe } from '../../test/axe';
import { fill } from '../../test/fill';
import { problem, renderRoutes } from '../../test/render';
import { server } from '../../test/server';
import { searched, settingRows } from './general/settingRows';
import { routes } from './routes';
import { apiSystem, authSystem, setting } from './testing/fixtures';
// Loaded before the tests begin: their patience is for what the page does.
import './SettingsPage';

function answer(auth = authSystem(), api = apiSystem()) {
  server.use(
    http.get('*/bff/auth/system', () => HttpResponse.json(auth)),
    http.get('*/bff/api/system', () => HttpResponse.json(api)),
  );
}

const table = () => screen.findByRole('table', { name: 'Settings' });

describe('the general settings', () => {
  it('shows each setting once, with its source and services', async () => {
    answer();
    renderRoutes(routes, '/settings', { role: 'operator' });
    const row = within(await table()).getByRole('row', { name: /FLOVIFY_ENV/ });
    await waitFor(() => expect(row).toHaveTextContent('productionEnvironmentauth, api'));
    expect(within(row).getByRole('button', { name: 'Copy FLOVIFY_ENV' })).toBeVisible();
    await expectNoAxe();
  });

  it('never shows the value of a secret, also when a service should send one', async () => {
    const settings = [
      setting('SET_KEY', { secret: true, is_set: true, value: 'hunter2-leaked' }),
      setting('MISSING_KEY', { secret: true, is_set: false, value: null, source: 'default' }),
    ];
    answer(authSystem({ settings }));
    const { container } = renderRoutes(routes, '/settings');
    const rows = within(await table());
    expect(rows.getByRole('row', { name: /SET_KEY/ })).toHaveTextContent(/Set(?!.*Not set)/);
    expect(rows.getByRole('row', { name: /MISSING_KEY/ })).toHaveTextContent('Not set');
    expect(container.innerHTML).not.toContain('hunter2-leaked');
    expect(searched(settingRows({ auth: settings }), 'hunter2')).toEqual([]);
  });

  it('loses only the part of a service that is away, and gets it back', async () => {
    answer();
    server.use(http.get('*/bff/api/system', () => problem(503, 'unavailable', 'The api is away.')));
    renderRoutes(routes, '/settings');
    expect(await screen.findByText('The settings of the api service could not be loaded.')).toBeVisible();
    const rows = within(await table());
    expect(rows.getByRole('row', { name: /AUTH_ONLY/ })).toBeVisible();
    expect(rows.queryByRole('row', { name: /API_ONLY/ })).toBeNull();
    answer();
    await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
    expect(await rows.findByRole('row', { name: /API_ONLY/ })).toBeVisible();
    expect(screen.queryByText(/could not be loaded/)).toBeNull();
  });

  it('searches, with the search in the URL', async () => {
    answer();
    const { router } = renderRoutes(routes, '/settings');
    await table();
    await fill('Search settings', 'api_only');
    await waitFor(() => expect(router.state.location.search).toBe('?q=api_only'));
    await waitFor(async () => expect(within(await table()).getAllByRole('row')).toHaveLength(2)); // with the head
  });

  it('says that no setting matches, and clears the search', async () => {
    answer();
    const { router } = renderRoutes(routes, '/settings?q=nowhere');
    expect(await screen.findByText('No setting matches.')).toBeVisible();
    const [clear] = screen.getAllByRole('button', { name: 'Clear filters' });
    await userEvent.click(clear as HTMLElement);
    await table();
    expect(router.state.location.search).toBe('');
  });

  it('is a tab with an address, and what nobody knows is the first one', async () => {
    answer();
    const { router } = renderRoutes(routes, '/settings/nonsense');
    expect(await screen.findByRole('tab', { name: 'General' })).toHaveAttribute('aria-selected', 'true');
    screen.getByRole('tab', { name: 'General' }).focus();
    await userEvent.keyboard('{ArrowRight}{ArrowRight}{ArrowRight}{ArrowRight}{ArrowRight}');
    expect(screen.getByRole('tab', { name: 'System' })).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(router.state.location.pathname).toBe('/settings/system'));
  });

  it('asks nothing for a viewer, and says who may see it', async () => {
    renderRoutes(routes, '/settings', { role: 'viewer' });
    expect(await screen.findByText('Needs Operator')).toBeVisible();
  });
});

describe('the state of the system', () => {
  it('shows services, workers, the queue and tasks', async () => {
    answer();
    renderRoutes(routes, '/settings/system', { role: 'operator' });
    const workers = await screen.findByRole('table', { name: 'Workers' });
    expect(workers).toHaveTextContent('worker-1');
    expect(workers).toHaveTextContent('Silent');
    expect(await screen.findByText(/1 m 30 s/)).toBeVisible();
    expect(screen.getByText('20 ms ahead')).toBeVisible();
    const tasks = screen.getByRole('table', { name: 'Periodic tasks' });
    await waitFor(() => expect(within(tasks).getAllByRole('row')).toHaveLength(3));
    expect(tasks).toHaveTextContent('Microsoft did not answer');
    expect(screen.getByRole('button', { name: 'Check the address' })).toBeEnabled();
    await expectNoAxe();
  });

  it('shows the auth service while the api is away', async () => {
    answer();
    server.use(http.get('*/bff/api/system', () => problem(503, 'unavailable', 'The api is away.')));
    renderRoutes(routes, '/settings/system');
    expect(await screen.findByText('The state of the api service could not be loaded.')).toBeVisible();
    expect(await screen.findByRole('region', { name: 'Auth service' })).toHaveTextContent('0.1.8');
  });
});
