export type { Breakage, BreakageKind, SandboxMailbox, SandboxState, SentTestMessage } from '../../lib/api/generated/api';
