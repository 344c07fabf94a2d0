import Alert from '@mui/material/Alert';
import AlertTitle from '@mui/material/AlertTitle';
import Button from '@mui/material/Button';
import Box from '@mui/material/Box';
import { Link } from 'react-router';
import { CopyButton } from '../../../components/CopyButton';
import { TextBlock } from '../../../components/JsonBlock';
import { LabelledId } from '../../../components/LabelledId';
import type { MailboxResult } from '../types';
import { WayFrame } from '../WayFrame';

interface Props {
  results: MailboxResult[];
  onAgain: (failed: string[]) => void;
  onDone: () => void;
}

/** How it went, mailbox by mailbox. */
export function MailboxResults({ results, onAgain, onDone }: Props) {
  const failed = results.filter(({ status }) => status === 'failed');
  const connected = results.length - failed.length;
  return (
    <WayFrame
      title={`${connected} of ${results.length} connected`}
      actions={
        <>
          {failed.length > 0 && <Button onClick={() => onAgain(failed.map(({ mailbox }) => mailbox))}>Try the failed ones again</Button>}
          <Button variant="contained" onClick={onDone}>
            Done
          </Button>
        </>
      }
    >
      {results.map((result) => (result.status === 'failed' ? <Failed key={result.mailbox} result={result} /> : <Connected key={result.mailbox} result={result} />))}
    </WayFrame>
  );
}

function Connected({ result }: { result: MailboxResult }) {
  const open = result.tenant_id && (
    <Button component={Link} to={`/admin/tenants/${result.tenant_id}`} size="small" color="inherit" aria-label={`Open ${result.mailbox}`}>
      Open
    </Button>
  );
  return (
    <Alert severity="success" variant="outlined" action={open} sx={{ overflowWrap: 'anywhere' }}>
      {result.mailbox} is connected.
    </Alert>
  );
}

function Failed({ result }: { result: MailboxResult }) {
  const { mailbox, words, command, code, graph_request_id: requestId } = result;
  return (
    <Alert severity="error" variant="outlined" sx={{ '& .MuiAlert-message': { minWidth: 0, flex: 1 } }}>
      <AlertTitle sx={{ overflowWrap: 'anywhere' }}>{mailbox} was not connected</AlertTitle>
      {words ? `${words.cause} ${words.action}` : `The service names the cause ${code ?? 'unknown'}.`}
      {command && (
        <Box sx={{ my: 1 }}>
          <TextBlock text={command} label={`PowerShell for ${mailbox}`} />
          <CopyButton text={command} label="Copy the command" />
        </Box>
      )}
      {requestId && <LabelledId label="Microsoft's request id" id={requestId} />}
    </Alert>
  );
}
