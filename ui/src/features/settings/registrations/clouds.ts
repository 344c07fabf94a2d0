/** Microsoft's clouds; accounts, registrations and consent do not cross from one to another. */
export const CLOUDS: Record<string, string> = {
  global: 'Microsoft 365 (global)',
  usgov: 'US Government GCC High',
  dod: 'US Government DoD',
  china: 'China (21Vianet)',
};

export function cloudName(cloud: string): string {
  return CLOUDS[cloud] ?? cloud;
}
