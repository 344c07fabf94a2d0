import { createContext, useContext } from 'react';
import type { AccountActions } from './useAccountActions';

/** The actions of the page, for the menus in its table: columns stay the same however often the page is drawn. */
export const ActionsContext = createContext<AccountActions | null>(null);

export function useActionsOf(): AccountActions {
  const found = useContext(ActionsContext);
  if (found === null) throw new Error('useActionsOf is for parts of the accounts page');
  return found;
}
