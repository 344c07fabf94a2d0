import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Snackbar from '@mui/material/Snackbar';
import { Link } from 'react-router';
import type { Toast } from './toast';

const SHOWN_FOR = 7000;

/** One toast at the foot of the page. */
export function ToastBar({ toast, close }: { toast: Toast; close: () => void }) {
  return (
    <Snackbar
      open
      autoHideDuration={SHOWN_FOR}
      onClose={(_, reason) => reason !== 'clickaway' && close()}
      anchorOrigin={{ vertical: 'bottom', horizontal: 'center' }}
    >
      <Alert severity={toast.severity ?? 'success'} variant="standard" onClose={close} sx={{ border: 1, borderColor: 'divider', boxShadow: 4 }}>
        {toast.text} <ToastAction toast={toast} close={close} />
      </Alert>
    </Snackbar>
  );
}

function ToastAction({ toast, close }: { toast: Toast; close: () => void }) {
  const { link, undo } = toast;
  const undone = () => {
    undo?.();
    close();
  };
  return (
    <>
      {undo && (
        <Button size="small" color="inherit" onClick={undone}>
          Undo
        </Button>
      )}
      {link && (
        <Button size="small" color="inherit" component={Link} to={link.to} onClick={close}>
          {link.label}
        </Button>
      )}
    </>
  );
}
