import Box from '@mui/material/Box';
import TableCell from '@mui/material/TableCell';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { CopyId } from '../../../components/CopyId';
import { SimpleTable } from '../SimpleTable';
import type { Setting } from '../types';
import type { SettingRow } from './settingRows';
import { sourceText, valueText } from './settingRows';

const COLUMNS = ['Setting', 'Value', 'Source', 'Services'];

export function SettingsTable({ rows }: { rows: SettingRow[] }) {
  return (
    <SimpleTable label="Settings" columns={COLUMNS}>
      {rows.map(({ key, setting, services }) => (
        <TableRow key={key} sx={{ verticalAlign: 'top' }}>
          <TableCell component="th" scope="row" sx={{ minWidth: 260 }}>
            <CopyId id={setting.name} label={setting.name} full />
            <Typography variant="body2" color="text.secondary">
              {setting.description}
            </Typography>
          </TableCell>
          <TableCell sx={{ overflowWrap: 'anywhere', minWidth: 160 }}>
            <Value setting={setting} />
          </TableCell>
          <TableCell sx={{ whiteSpace: 'nowrap' }}>{sourceText(setting.source)}</TableCell>
          <TableCell sx={{ whiteSpace: 'nowrap' }}>{services.join(', ')}</TableCell>
        </TableRow>
      ))}
    </SimpleTable>
  );
}

function Value({ setting }: { setting: Setting }) {
  const text = valueText(setting);
  const words = setting.secret || setting.value === null || setting.value === '';
  return words ? <Box component="span" sx={{ color: 'text.secondary' }}>{text}</Box> : <code>{text}</code>;
}
