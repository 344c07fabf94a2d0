import { DarkModeIcon, LightModeIcon, SettingsBrightnessIcon } from '../components/shellIcons';

export const MODES = [
  { mode: 'light', label: 'Light', icon: LightModeIcon },
  { mode: 'dark', label: 'Dark', icon: DarkModeIcon },
  { mode: 'system', label: 'As the system', icon: SettingsBrightnessIcon },
] as const;

/** As the system, until something else was chosen. */
export function currentMode(mode: string | undefined): (typeof MODES)[number] {
  return MODES.find((one) => one.mode === mode) ?? MODES[2];
}
