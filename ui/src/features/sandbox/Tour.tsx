import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { Link as RouterLink } from 'react-router';
import { CheckCircleIcon, RadioButtonUncheckedIcon } from '../../components/icons';
import { ErrorState } from '../../components/ErrorState';
import { CardSkeleton } from '../../components/Skeletons';
import { Section } from './Section';
import { tourQuery } from './api';

// What to press, for each step that the service names.
const HOW: Record<string, string> = {
  connect: 'Choose "Sandbox" in the dialog and sign in as one of the mailboxes below.',
  message: 'Send a test message below: it appears under Messages by itself.',
  trace: 'Open it under Messages; its way stands at the right, step by step.',
  break: 'Poison the next message, then send one: it becomes a dead letter.',
  replay: 'Open Dead letters and replay it: the message is stored after all.',
  own: 'Add your app registration and connect a real mailbox.',
};

/** The first five minutes: what to try, ticked by what was really done. */
export function Tour() {
  const tour = useQuery(tourQuery);
  return (
    <Section title="The first five minutes">
      {tour.isPending && <CardSkeleton height={160} label="Loading the tour" />}
      {tour.isError && <ErrorState title="The tour could not be loaded." error={tour.error} onRetry={() => void tour.refetch()} />}
      <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {tour.data?.map((step) => (
          <Box component="li" key={step.id} data-done={step.done} sx={{ display: 'flex', gap: 1, py: 0.75 }}>
            {step.done ? (
              <CheckCircleIcon color="success" titleAccess="Done" />
            ) : (
              <RadioButtonUncheckedIcon color="disabled" titleAccess="To do" />
            )}
            <Box sx={{ minWidth: 0 }}>
              <Link component={RouterLink} to={step.link}>
                {step.text}
              </Link>
              {!step.done && HOW[step.id] && (
                <Typography variant="body2" color="text.secondary">
                  {HOW[step.id]}
                </Typography>
              )}
            </Box>
          </Box>
        ))}
      </Box>
    </Section>
  );
}
