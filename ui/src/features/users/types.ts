import type { Role } from '../../lib/session';

export interface User {
  id: string;
  email: string;
  role: Role;
  disabled_at: string | null;
  created_at: string;
  last_signed_in_at: string | null;
  /** A link to choose a password is open. */
  invited: boolean;
}

/** The one time the token is told. */
export interface Invitation {
  user: User;
  token: string;
  expires_at: string;
}

export interface UserChange {
  role?: Role;
  disabled?: boolean;
}

export interface SignInSession {
  id: string;
  user_id: string;
  email: string;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  address: string | null;
  user_agent: string | null;
  /** The one that asks. */
  current: boolean;
}
