/** The names of the answers in the cache; the live stream tells by them what to fetch again. */
export const LINKS = ['auth', 'connect-links'] as const;
export const ORGANIZATIONS = ['auth', 'organizations'] as const;
export const REGISTRATIONS = ['auth', 'apps'] as const;
export const ACCOUNTS = ['api', 'accounts'] as const;
