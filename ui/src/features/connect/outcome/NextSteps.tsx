import Button from '@mui/material/Button';
import { Link } from 'react-router';
import type { Words } from '../types';
import type { OutcomeProps } from './OutcomeDialog';

const CONSENT = '/auth/oauth/ms365/adminconsent';

interface Props {
  words: Words | undefined;
  goOn: OutcomeProps['goOn'];
}

/** What helps, by who must act: the services name a page of Microsoft's, or a way of their own. */
export function NextSteps({ words, goOn }: Props) {
  if (words?.link.startsWith(CONSENT)) {
    return (
      <>
        <Button onClick={() => goOn('mailbox')}>Try again</Button>
        <Button variant="contained" onClick={() => goOn('consent')}>
          Ask for admin consent
        </Button>
      </>
    );
  }
  return (
    <>
      {words?.link.startsWith('https://') && (
        <Button component="a" href={words.link} target="_blank" rel="noopener noreferrer">
          Open Microsoft's page
        </Button>
      )}
      {words?.status === 'app_refused' && words.who_must_act === 'operator' && (
        <Button component={Link} to="/settings/registrations">
          App registrations
        </Button>
      )}
      <Button variant="contained" onClick={() => goOn('1')}>
        Try again
      </Button>
    </>
  );
}
