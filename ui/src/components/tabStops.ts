import { createContext, useContext } from 'react';

/** In a table every time would be a stop of the Tab key; there they are reached by pointer only, and on the details page. */
export const TabStopContext = createContext(true);

export function useTabIndex(): 0 | -1 {
  return useContext(TabStopContext) ? 0 : -1;
}
