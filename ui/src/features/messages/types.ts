export type {
  AddressOut as Address,
  AttachmentOut as Attachment,
  Attempt,
  MessageDetail,
  MessageSummary,
  MessageSummaryPage,
  StepName,
  StepState,
  Trace,
  TraceState,
  TraceStep,
} from '../../lib/api/generated/api';
