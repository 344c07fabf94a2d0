import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { isRouteErrorResponse, Link, useRouteError } from 'react-router';
import { ErrorState } from '../components/ErrorState';
import { Page } from '../components/Page';

export function NotFound() {
  return (
    <Page title="There is no such page">
      <Typography sx={{ mb: 2 }}>The address may be mistyped, or belong to a newer version of Flovify.</Typography>
      <Button variant="outlined" component={Link} to="/">
        Go to the overview
      </Button>
    </Page>
  );
}

/** A page that threw while it was drawn, or whose program could not be loaded. */
export function PageCrash() {
  const error = useRouteError();
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFound />;
  const gone = error instanceof TypeError && /import|module/i.test(error.message);
  return (
    <Page title={gone ? 'Flovify was updated' : 'This page could not be shown'}>
      <ErrorState
        title={gone ? 'The page belongs to another version than the server. Load it again.' : 'The page met an error while it was drawn.'}
        error={error}
        onRetry={() => location.reload()}
      />
    </Page>
  );
}
