/** The names of the answers in the cache; the live stream tells by them what to fetch again. */
export const ACCOUNTS = ['api', 'accounts'] as const;
export const REMOVALS = ['api', 'removals'] as const;
export const SUBSCRIPTIONS = ['api', 'subscriptions'] as const;
export const TENANTS = ['auth', 'tenants'] as const;
