import type SvgIcon from '@mui/material/SvgIcon';
import { createSvgIcon } from '@mui/material/utils';

export type IconComponent = typeof SvgIcon;

/** An icon from its path, as Material Design Icons gives it. */
export function icon(path: string): IconComponent {
  return createSvgIcon(<path d={path} />, 'Icon');
}
