import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import { Link, useParams } from 'react-router';
import { Page } from '../../components/Page';
import { SessionsSection } from '../users/sessions/SessionsSection';
import { UsersSection } from '../users/UsersSection';
import { ApiKeysSection } from './api-keys/ApiKeysSection';
import { GeneralSection } from './general/GeneralSection';
import { RegistrationsSection } from './registrations/RegistrationsSection';
import { SystemSection } from './system/SystemSection';

const SECTIONS = [
  { section: 'general', label: 'General', Part: GeneralSection },
  { section: 'registrations', label: 'App registrations', Part: RegistrationsSection },
  { section: 'api-keys', label: 'API keys', Part: ApiKeysSection },
  { section: 'users', label: 'Users', Part: UsersSection },
  { section: 'sessions', label: 'Sessions', Part: SessionsSection },
  { section: 'system', label: 'System', Part: SystemSection },
] as const;

/** Settings; each section has an address of its own. */
export function SettingsPage() {
  const { section } = useParams();
  const shown = SECTIONS.find((one) => one.section === section) ?? SECTIONS[0];
  return (
    <Page title="Settings" documentTitle={`${shown.label} - Settings`}>
      <Tabs value={shown.section} variant="scrollable" allowScrollButtonsMobile aria-label="Sections of the settings" sx={{ mb: 2, borderBottom: 1, borderColor: 'divider' }}>
        {SECTIONS.map((one) => (
          <Tab
            key={one.section}
            value={one.section}
            label={one.label}
            id={`section-${one.section}`}
            aria-controls="settings-section"
            component={Link}
            to={one.section === 'general' ? '/settings' : `/settings/${one.section}`}
          />
        ))}
      </Tabs>
      <div role="tabpanel" id="settings-section" aria-labelledby={`section-${shown.section}`}>
        <shown.Part />
      </div>
    </Page>
  );
}
