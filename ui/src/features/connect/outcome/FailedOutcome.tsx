import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Box from '@mui/material/Box';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { CopyButton } from '../../../components/CopyButton';
import { KeyValue } from '../../../components/KeyValue';
import { ListSkeleton } from '../../../components/Skeletons';
import { wordsQuery } from '../api';
import type { Failure } from '../outcome';
import { supportText } from '../outcome';
import type { Words } from '../types';
import { whoWord } from '../who';
import { NextSteps } from './NextSteps';
import type { OutcomeProps } from './OutcomeDialog';

/** A connection that did not come about: why, who must act, what to do; and Microsoft's own words to copy. */
export function FailedOutcome({ failure, titleId, close, goOn }: OutcomeProps & { failure: Failure }) {
  const words = useQuery(wordsQuery(failure.cause));
  const isLoading = words.isPending && failure.cause !== '';
  return (
    <>
      <DialogTitle id={titleId}>The account was not connected</DialogTitle>
      <DialogContent>
        {isLoading && <ListSkeleton rows={2} label="Looking the error up" />}
        {!isLoading && <Cause words={words.data} failure={failure} />}
        <Identities failure={failure} />
        <Typography sx={{ my: 1.5 }}>Nothing was changed.</Typography>
        <Box component="section" aria-label="For Microsoft's support">
          <KeyValue items={failure.support} labelWidth={160} />
          <CopyButton text={supportText(failure.support)} label="Copy as text" />
        </Box>
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2, flexWrap: 'wrap', gap: 1 }}>
        <Button onClick={close}>Close</Button>
        <NextSteps words={words.data} goOn={goOn} />
      </DialogActions>
    </>
  );
}

function Cause({ words, failure }: { words: Words | undefined; failure: Failure }) {
  if (words === undefined) {
    return (
      <Alert severity="error">
        Flovify has no words for the code <code>{failure.code}</code>. Try again; if it comes back, give the lines below to
        Microsoft's support.
      </Alert>
    );
  }
  return (
    <>
      <Alert severity="error" sx={{ mb: 1.5 }}>
        {words.cause}
        {failure.scope && (
          <>
            {' '}
            Missing: <code>{failure.scope}</code>.
          </>
        )}
      </Alert>
      <Typography>{words.action}</Typography>
      <Typography color="text.secondary">Who must act: {whoWord(words.who_must_act)}.</Typography>
    </>
  );
}

/** A reconnection that another account answered. */
function Identities({ failure }: { failure: Failure }) {
  if (!failure.expected && !failure.signedIn) return null;
  return (
    <Box sx={{ mt: 1.5 }}>
      <KeyValue
        items={[
          { label: 'To be connected again', value: <bdi>{failure.expected}</bdi> },
          { label: 'Signed in', value: <bdi>{failure.signedIn}</bdi> },
        ]}
        labelWidth={160}
      />
    </Box>
  );
}
