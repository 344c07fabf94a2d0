import type { GridColDef, GridColumnVisibilityModel, GridValidRowModel } from '@mui/x-data-grid';
import type { RefObject } from 'react';
import { useLayoutEffect, useState } from 'react';

/** A column; where there is not room for all, those of the highest `rank` give way first. Without one it always stays. */
export type TableColumn<R extends GridValidRowModel> = GridColDef<R> & { rank?: 1 | 2 | 3 | 4 };

const WIDTH_OF_CHECKBOX = 50;
const WIDTH_WITHOUT_WISH = 100;

/** Which columns a table of this width has room for without being scrolled sideways; all where the width is not known. */
export function columnsThatFit<R extends GridValidRowModel>(
  columns: readonly TableColumn<R>[],
  width: number,
  selectable: boolean,
): GridColumnVisibilityModel {
  if (width === 0) return {};
  const shown: GridColumnVisibilityModel = {};
  let left = width - (selectable ? WIDTH_OF_CHECKBOX : 0);
  for (const column of columns.toSorted((one, other) => (one.rank ?? 0) - (other.rank ?? 0))) {
    const wanted = column.width ?? column.minWidth ?? WIDTH_WITHOUT_WISH;
    const fits = column.rank === undefined || wanted <= left;
    shown[column.field] = fits;
    if (fits) left -= wanted;
  }
  return shown;
}

/** The width of an element, kept up to date; 0 where nothing is drawn. */
export function useWidth(of: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = of.current;
    if (element === null) return undefined;
    const measure = () => setWidth(element.clientWidth);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [of]);
  return width;
}
