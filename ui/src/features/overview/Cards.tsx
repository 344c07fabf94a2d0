import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import CardActionArea from '@mui/material/CardActionArea';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Sparkline } from '../../components/Sparkline';
import type { Cards as Figures } from '../../lib/api/generated/api';
import { formatDuration, formatRelative, useNow } from '../../lib/time';

/** Five figures, each a way into its list. */
export function Cards({ cards }: { cards: Figures }) {
  const now = useNow();
  const { accounts, subscriptions, delay_p95_seconds: delay, dead_letters: dead } = cards;
  return (
    <Box component="section" aria-label="Figures" sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'repeat(auto-fit, minmax(min(170px, 100%), 1fr))' }}>
      <Figure to="/admin/tenants" label="Accounts" value={accounts ? count(accounts.connected) : 'Unknown'} detail={needing(accounts)} />
      <Figure
        to="/subscriptions"
        label="Active subscriptions"
        value={count(subscriptions.active)}
        detail={subscriptions.next_expiry ? `next expiry ${formatRelative(subscriptions.next_expiry, now)}` : 'none expires'}
      />
      <Figure to="/messages" label="Messages in 24 hours" value={count(cards.messages_24h)} detail={<Sparkline values={cards.messages_per_hour} label="Messages per hour" width={140} />} />
      <Figure to="/events" label="Delivery delay (p95)" value={delay === null ? 'None yet' : formatDuration(delay * 1000)} detail="from notification to stored" />
      <Figure to="/dead-letters" label="Open dead letters" value={count(dead)} detail={dead > 0 ? 'look and replay' : 'nothing to replay'} />
    </Box>
  );
}

/** What cannot be asked is not called good. */
function needing(accounts: Figures['accounts']): string {
  if (accounts === null) return 'the auth service does not answer';
  return accounts.needing_action > 0 ? `${count(accounts.needing_action)} need action` : 'none needs action';
}

function count(value: number): string {
  return value.toLocaleString('en');
}

interface FigureProps {
  to: string;
  label: string;
  value: string;
  detail: ReactNode;
}

function Figure({ to, label, value, detail }: FigureProps) {
  return (
    <Card>
      <CardActionArea component={Link} to={to} sx={{ p: 2, height: '100%', display: 'flex', flexDirection: 'column', alignItems: 'flex-start', justifyContent: 'flex-start' }}>
        <Typography color="text.secondary">{label}</Typography>
        <Typography component="span" sx={{ fontSize: 26, fontWeight: 650, lineHeight: 1.4 }}>
          {value}
        </Typography>
        <Typography variant="body2" color="text.secondary" component="div" sx={{ minHeight: 24 }}>
          {detail}
        </Typography>
      </CardActionArea>
    </Card>
  );
}
