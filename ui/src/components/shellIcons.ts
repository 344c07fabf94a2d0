import {
  mdiAccountCircle,
  mdiAlertCircleOutline,
  mdiBellRing,
  mdiCheck,
  mdiClipboardCheckOutline,
  mdiCloud,
  mdiCog,
  mdiContentCopy,
  mdiEmail,
  mdiFlask,
  mdiHome,
  mdiListBoxOutline,
  mdiMagnify,
  mdiMenu,
  mdiPause,
  mdiPlay,
  mdiThemeLightDark,
  mdiWeatherNight,
  mdiWhiteBalanceSunny,
} from '@mdi/js';
import { icon } from './icon';

// What the first view draws; apart, because a module is loaded whole.
export const AccountCircleIcon = icon(mdiAccountCircle);
export const CheckIcon = icon(mdiCheck);
export const CloudIcon = icon(mdiCloud);
export const ContentCopyIcon = icon(mdiContentCopy);
export const DarkModeIcon = icon(mdiWeatherNight);
export const ErrorOutlineIcon = icon(mdiAlertCircleOutline);
export const FactCheckIcon = icon(mdiClipboardCheckOutline);
export const HomeIcon = icon(mdiHome);
export const LightModeIcon = icon(mdiWhiteBalanceSunny);
export const ListAltIcon = icon(mdiListBoxOutline);
export const MailIcon = icon(mdiEmail);
export const MenuIcon = icon(mdiMenu);
export const NotificationsActiveIcon = icon(mdiBellRing);
export const PauseIcon = icon(mdiPause);
export const PlayArrowIcon = icon(mdiPlay);
export const ScienceIcon = icon(mdiFlask);
export const SearchIcon = icon(mdiMagnify);
export const SettingsBrightnessIcon = icon(mdiThemeLightDark);
export const SettingsIcon = icon(mdiCog);
