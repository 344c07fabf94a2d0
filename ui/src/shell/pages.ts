import type { IconComponent } from '../components/icon';
import { CloudIcon, ErrorOutlineIcon, FactCheckIcon, HomeIcon, ListAltIcon, MailIcon, NotificationsActiveIcon, ScienceIcon, SettingsIcon } from '../components/shellIcons';

export interface ConsolePage {
  to: string;
  label: string;
  icon: IconComponent;
  /** Pressed after `g`. */
  key: string;
  count?: 'dead_letters';
}

export const MAIN_PAGES: ConsolePage[] = [
  { to: '/', label: 'Overview', icon: HomeIcon, key: 'o' },
  { to: '/messages', label: 'Messages', icon: MailIcon, key: 'm' },
  { to: '/events', label: 'Events', icon: ListAltIcon, key: 'e' },
  { to: '/dead-letters', label: 'Dead letters', icon: ErrorOutlineIcon, key: 'd', count: 'dead_letters' },
  { to: '/subscriptions', label: 'Subscriptions', icon: NotificationsActiveIcon, key: 's' },
];

export const ADMIN_PAGES: ConsolePage[] = [
  { to: '/admin/tenants', label: 'Connected Accounts', icon: CloudIcon, key: 'a' },
  { to: '/audit', label: 'Audit log', icon: FactCheckIcon, key: 'l' },
  { to: '/settings', label: 'Settings', icon: SettingsIcon, key: 't' },
];

export const SANDBOX_PAGE: ConsolePage = { to: '/sandbox', label: 'Sandbox', icon: ScienceIcon, key: 'x' };

export const ALL_PAGES = [...MAIN_PAGES, ...ADMIN_PAGES];
