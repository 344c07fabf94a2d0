import Button from '@mui/material/Button';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ProblemAlert } from '../../../components/ErrorState';
import { eventDetailQuery } from '../../events/api';
import { newestOf, replayOne } from '../api';
import { DEAD_LETTERS, GROUPS } from '../keys';
import { TestResult } from './TestResult';

const LOOK_MS = 1000;
const MOST_LOOKS = 120;

/** Replays one dead letter of a cause and tells what became of it: the way to learn whether the cause is mended. */
export function TestOne({ reason }: { reason: string }) {
  const client = useQueryClient();
  const test = useMutation({
    mutationFn: () => replayNewest(reason),
    onSettled: () => Promise.all([DEAD_LETTERS, GROUPS].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  const tried = useQuery({
    ...eventDetailQuery(test.data ?? ''),
    enabled: typeof test.data === 'string',
    // The answer of before the replay would still say "dead".
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.state === 'waiting' && state.dataUpdateCount < MOST_LOOKS ? LOOK_MS : false),
  });
  return (
    <>
      <Button size="small" variant="outlined" onClick={() => test.mutate()} loading={test.isPending}>
        Test one
      </Button>
      {test.isSuccess && <TestResult none={test.data === null} event={tried.data} error={tried.error} />}
      <ProblemAlert error={test.error} prefix="One could not be tested." />
    </>
  );
}

/** The id of the event that is being done again; null when nothing of this cause is left. */
async function replayNewest(reason: string): Promise<string | null> {
  const first = await newestOf(reason);
  return first === undefined ? null : (await replayOne(first.id)).id;
}
