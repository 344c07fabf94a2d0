/** The names of the answers in the cache; the live stream tells by them what to fetch again. */
export const DEAD_LETTERS = ['api', 'dead-letters'] as const;
export const GROUPS = ['api', 'dead-letter-groups'] as const;
export const REPLAYS = ['api', 'replays'] as const;
