import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import CardActionArea from '@mui/material/CardActionArea';
import Chip from '@mui/material/Chip';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import type { IconComponent } from '../../components/icon';
import { AdminPanelSettingsIcon, ApartmentIcon, AppRegistrationIcon, GroupIcon, LinkIcon, MailOutlineIcon, WorkspacesIcon } from '../../components/icons';
import { ScienceIcon } from '../../components/shellIcons';
import { useSession } from '../../lib/session';
import { useConnect } from './connectContext';
import { WayFrame } from './WayFrame';
import type { Way } from './ways';
import { WAYS } from './ways';

const ICONS: Record<Way, IconComponent> = {
  mailbox: MailOutlineIcon,
  link: LinkIcon,
  consent: AdminPanelSettingsIcon,
  organization: ApartmentIcon,
  shared: GroupIcon,
  registration: AppRegistrationIcon,
  sandbox: ScienceIcon,
};

/** Which way to connect. */
export function ChooseWay() {
  const { go } = useConnect();
  const hasSandbox = useSession()?.sandbox ?? false;
  return (
    <WayFrame title="Connect an account">
      <Group title="Microsoft 365">
        {WAYS.filter(({ group }) => group === 'Microsoft 365').map(({ way, title, text }) => (
          <Choice key={way} icon={ICONS[way]} title={title} text={text} onChoose={() => go(way)} />
        ))}
      </Group>
      <Group title="Other">
        <Choice
          icon={ScienceIcon}
          title="Sandbox mailbox"
          text={hasSandbox ? 'Try everything without Microsoft 365.' : 'This installation runs without the sandbox.'}
          onChoose={hasSandbox ? () => go('sandbox') : undefined}
        />
        <Choice icon={WorkspacesIcon} title="Google Workspace" text="Gmail mailboxes." tag="Coming" onChoose={undefined} />
      </Group>
    </WayFrame>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Box component="section" aria-label={title}>
      <Typography variant="h3" component="h3" sx={{ mb: 1 }}>
        {title}
      </Typography>
      <Box sx={{ display: 'grid', gap: 1.5, gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr' } }}>{children}</Box>
    </Box>
  );
}

interface ChoiceProps {
  icon: IconComponent;
  title: string;
  text: string;
  tag?: string;
  /** Without it the choice is shown, and cannot be made. */
  onChoose: (() => void) | undefined;
}

function Choice({ icon: Icon, title, text, tag, onChoose }: ChoiceProps) {
  const off = onChoose === undefined;
  return (
    <Card sx={off ? { bgcolor: 'action.hover' } : {}}>
      <CardActionArea
        onClick={onChoose}
        disabled={off}
        sx={{ p: 2, height: '100%', display: 'flex', gap: 2, alignItems: 'flex-start', justifyContent: 'flex-start' }}
      >
        <Icon aria-hidden color={off ? 'disabled' : 'primary'} />
        <Box component="span" sx={{ minWidth: 0 }}>
          <Typography component="span" sx={{ fontWeight: 650, display: 'block' }} color={off ? 'text.secondary' : 'inherit'}>
            {title} {tag && <Chip component="span" size="small" label={tag} sx={{ ml: 0.5 }} />}
          </Typography>
          <Typography component="span" variant="body2" color="text.secondary">
            {text}
          </Typography>
        </Box>
      </CardActionArea>
    </Card>
  );
}
