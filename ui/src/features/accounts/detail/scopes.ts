import type { AccountDetail } from '../types';

export interface ScopeRow {
  scope: string;
  required: boolean;
  granted: boolean;
  verdict: 'granted' | 'missing' | 'more than needed';
}

type Scopes = Pick<AccountDetail, 'granted_scopes' | 'required_scopes' | 'missing_scopes' | 'extra_scopes'>;

/** Granted and required side by side: what is missing first, then what is needed, then what is more than that. */
export function scopeRows({ granted_scopes: granted, required_scopes: required, missing_scopes: missing, extra_scopes: extra }: Scopes): ScopeRow[] {
  const kept = required.filter((scope) => !has(missing, scope));
  const others = granted.filter((scope) => !has(kept, scope) && !has(extra, scope));
  return [
    ...missing.map((scope) => ({ scope, required: true, granted: false, verdict: 'missing' as const })),
    ...kept.map((scope) => ({ scope, required: true, granted: true, verdict: 'granted' as const })),
    ...others.map((scope) => ({ scope, required: false, granted: true, verdict: 'granted' as const })),
    ...extra.map((scope) => ({ scope, required: false, granted: true, verdict: 'more than needed' as const })),
  ];
}

/** Microsoft writes scopes in any case, with or without the address of Graph. */
function has(scopes: readonly string[], wanted: string): boolean {
  return scopes.some((scope) => bare(scope) === bare(wanted));
}

function bare(scope: string): string {
  return scope.slice(scope.lastIndexOf('/') + 1).toLowerCase();
}
