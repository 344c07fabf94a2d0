import Accordion from '@mui/material/Accordion';
import AccordionDetails from '@mui/material/AccordionDetails';
import AccordionSummary from '@mui/material/AccordionSummary';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { ExpandMoreIcon } from '../../components/icons';
import { CopyButton } from '../../components/CopyButton';
import { TextBlock } from '../../components/JsonBlock';
import { NARROW_COMMANDS, NARROW_PAGE } from './permissions';

/** How application permissions are narrowed to some mailboxes, as Microsoft recommends. */
export function NarrowNote() {
  return (
    <Accordion variant="outlined" disableGutters>
      <AccordionSummary expandIcon={<ExpandMoreIcon />}>
        <Typography>Let the app reach some mailboxes only</Typography>
      </AccordionSummary>
      <AccordionDetails>
        <Typography variant="body2" gutterBottom>
          Recommended: RBAC for Applications in Exchange. Run these in Exchange Online PowerShell instead of approving the
          application permission Mail.Read; changes take up to two hours.{' '}
          <Link href={NARROW_PAGE} target="_blank" rel="noopener noreferrer">
            Microsoft's guide (new tab)
          </Link>
        </Typography>
        <TextBlock text={NARROW_COMMANDS} label="PowerShell commands" />
        <CopyButton text={NARROW_COMMANDS} label="Copy the commands" />
      </AccordionDetails>
    </Accordion>
  );
}
