import { useNavigate } from 'react-router';
import { ConnectionTestDialog } from '../../connect/test/ConnectionTestDialog';
import { ReconnectDialog } from '../../connect/ReconnectDialog';
import { ActionFailed } from './ActionFailed';
import { DisconnectDialog } from './DisconnectDialog';
import type { Acting, ActionKind } from './kinds';

interface Props {
  open: { kind: ActionKind; account: Acting } | null;
  failed: { kind: ActionKind; account: Acting; error: Error } | null;
  onClose: () => void;
  onDisconnected: (() => void) | undefined;
}

/** The dialog of the action that is under way, if it has one. */
export function ActionDialogs({ open, failed, onClose, onDisconnected }: Props) {
  const navigate = useNavigate();
  if (open === null) return failed && <ActionFailed {...failed} onClose={onClose} />;
  const { kind, account } = open;
  if (kind === 'test') return <ConnectionTestDialog account={account} onClose={onClose} />;
  if (kind === 'reconnect') {
    const toConsent = () => {
      onClose();
      void navigate(`/admin/tenants?connect=consent&registration=${account.registration_id ?? ''}`);
    };
    return <ReconnectDialog account={account} onClose={onClose} onConsent={toConsent} />;
  }
  return <DisconnectDialog account={account} onClose={onClose} onDisconnected={onDisconnected} />;
}
