import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import type { FormEvent } from 'react';
import { useState } from 'react';
import { ProblemAlert } from '../../../components/ErrorState';
import { PasswordField } from '../../../components/PasswordField';
import { isLongEnough, passwordHint } from '../../../lib/password';
import { Panel } from '../../accounts/detail/Panel';
import { useChange } from '../../settings/useChange';
import { SESSIONS, changePassword } from '../api';

const NOTHING = { current: '', wanted: '' };

/** One's own password. Somebody who has forgotten it asks an administrator for a link. */
export function PasswordForm() {
  const [typed, setTyped] = useState(NOTHING);
  const [outcome, setOutcome] = useState<{ state: 'ready' | 'busy' | 'done'; error: unknown }>({ state: 'ready', error: null });
  const change = useChange(SESSIONS);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setOutcome({ state: 'busy', error: null });
    try {
      await change(() => changePassword(typed.current, typed.wanted));
      setTyped(NOTHING);
      setOutcome({ state: 'done', error: null });
    } catch (error) {
      setOutcome({ state: 'ready', error });
    }
  };
  return (
    <Panel title="Your password">
      <form onSubmit={submit} style={{ maxWidth: 420 }}>
        <PasswordField label="Current password" purpose="current" value={typed.current} onChange={(current) => setTyped({ ...typed, current })} />
        <PasswordField label="New password" purpose="new" value={typed.wanted} onChange={(wanted) => setTyped({ ...typed, wanted })} hint={passwordHint(typed.wanted)} />
        <ProblemAlert error={outcome.error} prefix="The password was not changed." />
        {outcome.state === 'done' && (
          <Alert severity="success" role="status" sx={{ my: 1 }}>
            Your password was changed. All your other sessions were ended.
          </Alert>
        )}
        <Button type="submit" variant="contained" sx={{ mt: 1 }} disabled={typed.current === '' || !isLongEnough(typed.wanted)} loading={outcome.state === 'busy'}>
          Change the password
        </Button>
      </form>
    </Panel>
  );
}
