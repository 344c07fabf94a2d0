import {
  mdiAccount,
  mdiAccountGroupOutline,
  mdiAccountPlus,
  mdiAlert,
  mdiAlertCircle,
  mdiApplicationCog,
  mdiArrowLeft,
  mdiArrowUp,
  mdiAutorenew,
  mdiCalendar,
  mdiCheckCircle,
  mdiCheckCircleOutline,
  mdiCheckboxBlankCircleOutline,
  mdiChevronDown,
  mdiClockOutline,
  mdiClose,
  mdiDotsVertical,
  mdiDownload,
  mdiEmailOutline,
  mdiExclamationThick,
  mdiEye,
  mdiEyeOff,
  mdiGoogleCirclesCommunities,
  mdiInformation,
  mdiKey,
  mdiLinkVariant,
  mdiLock,
  mdiMagnifyClose,
  mdiMinusCircleOutline,
  mdiOfficeBuilding,
  mdiPageLayoutSidebarRight,
  mdiPaperclip,
  mdiPauseCircle,
  mdiPlus,
  mdiRefresh,
  mdiSend,
  mdiShieldAccount,
  mdiSkipNext,
  mdiTimerSandComplete,
  mdiTimerSandEmpty,
} from '@mdi/js';
import { icon } from './icon';

// The pages' icons, by what they stand for.
export const AccessTimeIcon = icon(mdiClockOutline);
export const AddIcon = icon(mdiPlus);
export const AdminPanelSettingsIcon = icon(mdiShieldAccount);
export const ApartmentIcon = icon(mdiOfficeBuilding);
export const AppRegistrationIcon = icon(mdiApplicationCog);
export const ArrowBackIcon = icon(mdiArrowLeft);
export const ArrowUpwardIcon = icon(mdiArrowUp);
export const AttachFileIcon = icon(mdiPaperclip);
export const AutorenewIcon = icon(mdiAutorenew);
export const CalendarIcon = icon(mdiCalendar);
export const CheckCircleIcon = icon(mdiCheckCircle);
export const CheckCircleOutlineIcon = icon(mdiCheckCircleOutline);
export const CloseIcon = icon(mdiClose);
export const DownloadIcon = icon(mdiDownload);
export const ErrorIcon = icon(mdiAlertCircle);
export const ExpandMoreIcon = icon(mdiChevronDown);
export const HourglassBottomIcon = icon(mdiTimerSandComplete);
export const HourglassEmptyIcon = icon(mdiTimerSandEmpty);
export const InfoIcon = icon(mdiInformation);
export const KeyIcon = icon(mdiKey);
export const LinkIcon = icon(mdiLinkVariant);
export const LockIcon = icon(mdiLock);
export const MailOutlineIcon = icon(mdiEmailOutline);
export const MoreVertIcon = icon(mdiDotsVertical);
export const PauseCircleIcon = icon(mdiPauseCircle);
export const PersonAddIcon = icon(mdiAccountPlus);
export const PersonIcon = icon(mdiAccount);
export const GroupIcon = icon(mdiAccountGroupOutline);
export const PriorityHighIcon = icon(mdiExclamationThick);
export const RadioButtonUncheckedIcon = icon(mdiCheckboxBlankCircleOutline);
export const RefreshIcon = icon(mdiRefresh);
export const RemoveCircleOutlineIcon = icon(mdiMinusCircleOutline);
export const SearchOffIcon = icon(mdiMagnifyClose);
export const SendIcon = icon(mdiSend);
export const SkipNextIcon = icon(mdiSkipNext);
export const ViewSidebarIcon = icon(mdiPageLayoutSidebarRight);
export const VisibilityIcon = icon(mdiEye);
export const VisibilityOffIcon = icon(mdiEyeOff);
export const WarningIcon = icon(mdiAlert);
export const WorkspacesIcon = icon(mdiGoogleCirclesCommunities);
