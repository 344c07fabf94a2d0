import Dialog from '@mui/material/Dialog';
import useMediaQuery from '@mui/material/useMediaQuery';
import { useTheme } from '@mui/material/styles';
import { useId, useMemo } from 'react';
import type { ComponentType } from 'react';
import { useSearchParams } from 'react-router';
import { useSession } from '../../lib/session';
import { ConnectingOff } from './ConnectingOff';
import { ConsentWay } from './ConsentWay';
import type { Begin, Connect } from './connectContext';
import { ConnectContext } from './connectContext';
import { ChooseWay } from './ChooseWay';
import { LinkWay } from './links/LinkWay';
import { MailboxWay } from './MailboxWay';
import { OrganizationWay } from './organization/OrganizationWay';
import { RegistrationWay } from './RegistrationWay';
import { SandboxWay } from './SandboxWay';
import { SharedWay } from './SharedWay';
import type { Way } from './ways';
import { readWay } from './ways';

const PARTS: Record<Way | 'choose', ComponentType> = {
  choose: ChooseWay,
  mailbox: MailboxWay,
  link: LinkWay,
  consent: ConsentWay,
  organization: OrganizationWay,
  shared: SharedWay,
  registration: RegistrationWay,
  sandbox: SandboxWay,
};

/** Connects accounts. Open while the address says `?connect=…`, so that each way can be linked to and Back works. */
export function ConnectDialog() {
  const [search] = useSearchParams();
  const way = readWay(search.get('connect'));
  return way === null ? null : <OpenDialog way={way} />;
}

function OpenDialog({ way }: { way: Way | 'choose' }) {
  const connect = useConnectState();
  const isNarrow = useMediaQuery(useTheme().breakpoints.down('sm'));
  const isOff = useSession()?.connecting === false;
  const Part = isOff ? ConnectingOff : PARTS[way];
  return (
    <Dialog open onClose={connect.close} aria-labelledby={connect.titleId} fullWidth maxWidth="md" fullScreen={isNarrow}>
      <ConnectContext value={connect}>
        <Part key={way} />
      </ConnectContext>
    </Dialog>
  );
}

function useConnectState(): Connect {
  const [search, setSearch] = useSearchParams();
  const titleId = useId();
  return useMemo(
    () => ({
      titleId,
      registration: search.get('registration') ?? '',
      org: search.get('org') ?? '',
      go: (to, begin = {}) => setSearch((before) => at(before, to === 'choose' ? '1' : to, begin)),
      close: () => setSearch((before) => at(before, '', {})),
    }),
    [search, setSearch, titleId],
  );
}

function at(before: URLSearchParams, way: string, begin: Begin): URLSearchParams {
  const after = new URLSearchParams(before);
  for (const [name, value] of Object.entries({ connect: way, registration: begin.registration, org: begin.org })) {
    if (value) after.set(name, value);
    else after.delete(name);
  }
  return after;
}
