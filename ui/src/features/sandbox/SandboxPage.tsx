import Chip from '@mui/material/Chip';
import { ScienceIcon } from '../../components/shellIcons';
import { Page } from '../../components/Page';
import { SandboxPanel } from './SandboxPanel';

/** The stand-in for Microsoft: send, break, mend. */
export function SandboxPage() {
  return (
    <Page
      title="Sandbox"
      beside={<Chip size="small" color="secondary" variant="outlined" icon={<ScienceIcon aria-hidden />} label="Not Microsoft" />}
      subtitle="A stand-in for Microsoft 365 on this machine. Send mail, break things and mend them: no real mailbox is touched."
    >
      <SandboxPanel />
    </Page>
  );
}
