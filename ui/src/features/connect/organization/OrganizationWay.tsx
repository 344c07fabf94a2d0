import { useConnect } from '../connectContext';
import { ChooseMailboxes } from './ChooseMailboxes';
import { ChooseOrganization } from './ChooseOrganization';

/** Mailboxes by application permissions: first the organisation, then its mailboxes. */
export function OrganizationWay() {
  const { org } = useConnect();
  return org === '' ? <ChooseOrganization /> : <ChooseMailboxes key={org} organizationId={org} />;
}
