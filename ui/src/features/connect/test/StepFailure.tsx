import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { CopyButton } from '../../../components/CopyButton';
import { LabelledId } from '../../../components/LabelledId';
import type { StepLine } from './steps';
import { reportOf } from './steps';
import { whoWord } from '../who';

/** Why a step failed, who can mend it, and a text for that person. */
export function StepFailure({ line, mailbox }: { line: StepLine; mailbox: string }) {
  const { details } = line;
  const who = text(details['who_must_act']);
  const link = text(details['link']);
  const requestId = text(details['request_id']);
  return (
    <Box sx={{ typography: 'body2', overflowWrap: 'anywhere' }}>
      <Typography variant="body2">{line.words}</Typography>
      {who && <Typography variant="body2">Who can mend it: {whoWord(who)}.</Typography>}
      {link.startsWith('https://') && (
        <Link href={link} target="_blank" rel="noopener noreferrer">
          Microsoft's page for this (new tab)
        </Link>
      )}
      {line.code && (
        <Typography variant="body2" color="text.secondary">
          Code: <code>{line.code}</code>
          {text(details['graph_code']) && (
            <>
              , Graph: <code>{text(details['graph_code'])}</code>
            </>
          )}
        </Typography>
      )}
      {requestId && <LabelledId label="Microsoft's request id" id={requestId} />}
      <CopyButton text={reportOf(line, mailbox)} label="Copy a report for whoever mends it" />
    </Box>
  );
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
