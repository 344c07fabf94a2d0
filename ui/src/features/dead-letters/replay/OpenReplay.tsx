import { useLocation, useNavigate, useParams } from 'react-router';
import { ReplayDrawer } from './ReplayDrawer';

/** The replay that the URL names, beside the list it was started from. */
export function OpenReplay() {
  const { replayId = '' } = useParams();
  const { search } = useLocation();
  const navigate = useNavigate();
  return <ReplayDrawer id={replayId} onClose={() => void navigate({ pathname: '/dead-letters', search })} />;
}
