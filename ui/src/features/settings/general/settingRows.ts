import type { Service, Setting } from '../types';

/** A setting in force, with the services it is in force in. */
export interface SettingRow {
  key: string;
  setting: Setting;
  services: Service[];
}

/** One row for each setting; services that have it with another value or from another source have a row of their own. */
export function settingRows(known: Partial<Record<Service, Setting[]>>): SettingRow[] {
  const rows = new Map<string, SettingRow>();
  for (const service of ['auth', 'api'] as const) {
    for (const setting of known[service] ?? []) {
      const key = JSON.stringify([setting.name, setting.value, setting.is_set, setting.source]);
      const row = rows.get(key) ?? { key, setting, services: [] };
      row.services.push(service);
      rows.set(key, row);
    }
  }
  return [...rows.values()].toSorted((one, other) => one.setting.name.localeCompare(other.setting.name, 'en'));
}

/** Rows that have every word of a search somewhere; values of secrets are not among what is searched. */
export function searched(rows: SettingRow[], search: string): SettingRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => words.every((word) => textOf(row).includes(word)));
}

function textOf({ setting, services }: SettingRow): string {
  const { name, description, source } = setting;
  return [name, description, source, ...services, valueText(setting)].join('\n').toLowerCase();
}

/** What may be shown of the value: of a secret only whether there is one. */
export function valueText({ secret, is_set: isSet, value }: Setting): string {
  if (secret) return isSet ? 'Set' : 'Not set';
  return value === null || value === '' ? 'Not set' : value;
}

const SOURCES: Record<Setting['source'], string> = {
  default: 'Default',
  environment: 'Environment',
  file: 'File',
  'flovify up': 'flovify up',
};

export function sourceText(source: Setting['source']): string {
  return SOURCES[source] ?? source;
}
