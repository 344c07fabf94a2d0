import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import CardActionArea from '@mui/material/CardActionArea';
import Typography from '@mui/material/Typography';
import { Link } from 'react-router';
import type { IconComponent } from '../../components/icon';
import { CloudIcon, ScienceIcon } from '../../components/shellIcons';

/** Where to begin. */
export function StartStep({ sandbox }: { sandbox: boolean }) {
  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      {sandbox && (
        <Choice
          to="/admin/tenants?connect=sandbox"
          icon={ScienceIcon}
          color="secondary.main"
          title="Explore with the sandbox"
          text="Mailboxes that play Microsoft 365 on this machine: connect one, send yourself a message, break something. Takes five minutes."
        />
      )}
      <Choice
        to={sandbox ? '/settings/registrations' : '/admin/tenants?connect=1'}
        icon={CloudIcon}
        color="primary.main"
        title="Connect my Microsoft 365"
        text={sandbox ? 'Begins with an app registration in Microsoft Entra ID.' : 'A mailbox by its owner, or an organisation by its administrator.'}
      />
      <Button component={Link} to="/" sx={{ justifySelf: 'end' }}>
        Go to the overview
      </Button>
    </Box>
  );
}

interface ChoiceProps {
  to: string;
  icon: IconComponent;
  color: string;
  title: string;
  text: string;
}

function Choice({ to, icon: Icon, color, title, text }: ChoiceProps) {
  return (
    <Card>
      <CardActionArea component={Link} to={to} sx={{ display: 'flex', alignItems: 'flex-start', gap: 2, p: 2 }}>
        <Icon aria-hidden sx={{ color, mt: 0.25 }} />
        <Box>
          <Typography sx={{ fontWeight: 650 }}>{title}</Typography>
          <Typography color="text.secondary">{text}</Typography>
        </Box>
      </CardActionArea>
    </Card>
  );
}
