import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { TimeText } from '../../../components/TimeText';
import { useAccountNames } from '../../../components/accountNames';
import type { ReplayPreview } from '../types';

const ACCOUNTS_SHOWN = 5;

/** What is chosen, by cause and account, and what would only fail again. */
export function PreviewText({ preview }: { preview: ReplayPreview }) {
  const nameOf = useAccountNames();
  if (preview.total === 0) {
    return <Typography>None of these is a dead letter any more. Nothing would be replayed.</Typography>;
  }
  const more = preview.by_account.length - ACCOUNTS_SHOWN;
  return (
    <Box>
      <Typography>
        {count(preview.total)} chosen
        {preview.oldest_at && (
          <>
            , the oldest received <TimeText at={preview.oldest_at} />
          </>
        )}
        . They are done again in the order in which they came. An event is stored once, however often it is replayed.
      </Typography>
      <Counts title="By cause" rows={preview.by_cause.map((one) => [one.words.meaning, one.count])} />
      <Counts
        title="By account"
        rows={preview.by_account.slice(0, ACCOUNTS_SHOWN).map((one) => [nameOf(one.account_id) ?? one.account_id, one.count])}
      />
      {more > 0 && (
        <Typography variant="body2" color="text.secondary">
          and {more} more accounts
        </Typography>
      )}
      {preview.will_fail_again.count > 0 && (
        <Alert severity="warning" sx={{ mt: 2 }}>
          {preview.will_fail_again.count.toLocaleString('en')} will fail again: {preview.will_fail_again.why}
        </Alert>
      )}
    </Box>
  );
}

function Counts({ title, rows }: { title: string; rows: [string, number][] }) {
  return (
    <>
      <Typography variant="subtitle2" component="h3" sx={{ mt: 1.5 }}>
        {title}
      </Typography>
      <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
        {rows.map(([label, number]) => (
          <Typography key={label} component="li" variant="body2" sx={{ overflowWrap: 'anywhere' }}>
            <strong>{number.toLocaleString('en')}</strong> <bdi>{label}</bdi>
          </Typography>
        ))}
      </Box>
    </>
  );
}

export function count(number: number): string {
  return number === 1 ? '1 dead letter' : `${number.toLocaleString('en')} dead letters`;
}
