import Box from '@mui/material/Box';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import { useId } from 'react';
import type { MessageDetail } from '../types';
import { HeadersTab } from './HeadersTab';
import { HtmlTab } from './HtmlTab';
import { JsonTab } from './JsonTab';
import { RawTab } from './RawTab';
import { TextTab } from './TextTab';

const TABS = [
  { key: 'html', label: 'HTML', Content: HtmlTab },
  { key: 'text', label: 'Text', Content: TextTab },
  { key: 'headers', label: 'Headers', Content: HeadersTab },
  { key: 'raw', label: 'Raw', Content: RawTab },
  { key: 'json', label: 'JSON', Content: JsonTab },
] as const;

interface Props {
  message: MessageDetail;
  tab: string;
  onTab: (tab: string) => void;
}

/** The message in its forms. Only the open one is made, so that nothing is fetched or audited unseen. */
export function ReaderTabs({ message, tab, onTab }: Props) {
  const id = useId();
  const open = TABS.find((one) => one.key === tab) ?? TABS[0];
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', flex: 1, minHeight: 0 }}>
      <Tabs
        value={open.key}
        onChange={(_event, value: string) => onTab(value)}
        aria-label="Forms of the message"
        variant="scrollable"
        sx={{ borderBottom: 1, borderColor: 'divider', minHeight: 40 }}
      >
        {TABS.map(({ key, label }) => (
          <Tab key={key} value={key} label={label} id={`${id}-${key}`} aria-controls={`${id}-panel`} sx={{ minHeight: 40 }} />
        ))}
      </Tabs>
      <Box
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${open.key}`}
        sx={{ display: 'flex', flexDirection: 'column', flex: 1, minHeight: 0, overflow: 'auto' }}
      >
        <open.Content key={message.id} message={message} />
      </Box>
    </Box>
  );
}
