import Alert from '@mui/material/Alert';
import AlertTitle from '@mui/material/AlertTitle';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import type { ReactNode } from 'react';
import { ApiProblem } from '../lib/api/problem';
import { problemDetails, problemText } from '../lib/problemText';
import { CopyButton } from './CopyButton';
import { CopyId } from './CopyId';

interface Props {
  /** What could not be done, and what still works: "Accounts could not be loaded. Intake goes on." */
  title: string;
  error: unknown;
  onRetry?: (() => void) | undefined;
  /** What to do about it, where we know. */
  children?: ReactNode;
}

/** An area that has nothing to show because its question failed. */
export function ErrorState({ title, error, onRetry, children }: Props) {
  return (
    <Alert severity="error" variant="outlined" sx={{ my: 1, alignItems: 'flex-start', bgcolor: 'background.paper' }}>
      <AlertTitle>{title}</AlertTitle>
      {problemText(error)}
      {children}
      <Correlation error={error} />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, mt: 1 }}>
        {onRetry && (
          <Button size="small" variant="outlined" color="inherit" onClick={onRetry}>
            Retry
          </Button>
        )}
        <CopyButton text={problemDetails(error)} label="Copy details" />
      </Box>
    </Alert>
  );
}

/** The same for dialogs and forms: it stays where the action was. */
export function ProblemAlert({ error, prefix }: { error: unknown; prefix?: string }) {
  if (error === null || error === undefined) return null;
  return (
    <Alert severity="error" sx={{ my: 1 }}>
      {prefix && `${prefix} `}
      {problemText(error)}
      <Correlation error={error} />
    </Alert>
  );
}

function Correlation({ error }: { error: unknown }) {
  if (!(error instanceof ApiProblem) || error.correlationId === null) return null;
  return (
    <Box sx={{ mt: 0.5, fontSize: 13 }}>
      Correlation id: <CopyId id={error.correlationId} label="correlation id" />
    </Box>
  );
}
