export interface Life {
  created_at: string;
  last_renewed_at: string | null;
  next_renewal_at: string | null;
  expires_at: string;
  status?: string;
}

/** A subscription's life from its last grant to its end; places on it are percentages. */
export interface Lifetime {
  grantedAt: string;
  now: number;
  renewal: number | null;
  over: boolean;
  leftMs: number;
}

export function lifetime(life: Life, nowMs: number): Lifetime {
  const grantedAt = life.last_renewed_at ?? life.created_at;
  const start = Date.parse(grantedAt);
  const end = Date.parse(life.expires_at);
  const place = (moment: number) => Math.min(100, Math.max(0, ((moment - start) / Math.max(1, end - start)) * 100));
  return {
    grantedAt,
    now: place(nowMs),
    renewal: life.next_renewal_at === null ? null : place(Date.parse(life.next_renewal_at)),
    over: nowMs >= end,
    leftMs: Math.max(0, end - nowMs),
  };
}
