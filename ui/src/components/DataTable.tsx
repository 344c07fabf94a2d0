import Box from '@mui/material/Box';
import type { GridColDef, GridColumnVisibilityModel, GridRowSelectionModel, GridSortModel } from '@mui/x-data-grid';
import { DataGrid } from '@mui/x-data-grid';
import type { ReactNode } from 'react';
import { useMemo, useRef, useState } from 'react';
import type { CursorPaging } from '../lib/cursorPaging';
import { PAGE_SIZES } from '../lib/cursorPaging';
import { usePreference } from '../lib/preferences';
import type { TableColumn } from './columnFit';
import { columnsThatFit, useWidth } from './columnFit';
import { EmptyFiltered } from './EmptyFiltered';
import { ErrorState } from './ErrorState';
import { RowLink } from './RowLink';
import { StaleBar } from './StaleBar';
import { TabStopContext } from './tabStops';
import { useRowKeys } from './useRowKeys';

export type { TableColumn } from './columnFit';

/** The part of a `useQuery` answer that the table reads. */
export interface TableQuery<R> {
  data: { items: R[]; next?: string | null; total?: number | null; total_estimate?: number | null } | undefined;
  error: unknown;
  isPending: boolean;
  isFetching: boolean;
  isError: boolean;
  dataUpdatedAt: number;
  refetch: () => unknown;
}

export interface TableProps<R extends { id: string }> {
  /** The table's name for screen readers. */
  label: string;
  columns: TableColumn<R>[];
  query: TableQuery<R>;
  paging: CursorPaging;
  /** Where a row leads; the cell of `linkField` (the first column, if not given) becomes the link. */
  rowHref?: (row: R) => string;
  linkField?: string;
  /** What stands there when there is nothing at all: an EmptyState. */
  empty: ReactNode;
  filtered: boolean;
  filteredText: string;
  onClearFilters: () => void;
  errorTitle: string;
  /** "name" ascending, "-name" descending; sorting is done by the service. */
  sort?: string;
  onSort?: (sort: string) => void;
  selected?: readonly string[];
  onSelect?: (ids: string[]) => void;
}

/** A list of the services in a grid: cursors, sorting by the service, rows that are links, and every state of a list. */
export function DataTable<R extends { id: string }>(props: TableProps<R>) {
  const { query, filtered } = props;
  if (query.data === undefined && query.isError) {
    return <ErrorState title={props.errorTitle} error={query.error} onRetry={() => query.refetch()} />;
  }
  const nothing = query.data !== undefined && query.data.items.length === 0 && props.paging.page === 0;
  const stale = query.isError ? query.dataUpdatedAt : null;
  return (
    <>
      <StaleBar since={stale} onRetry={() => query.refetch()} />
      {nothing && !filtered && props.empty}
      {nothing && filtered && <EmptyFiltered text={props.filteredText} onClear={props.onClearFilters} />}
      {!nothing && <Grid {...props} />}
    </>
  );
}

function Grid<R extends { id: string }>(props: TableProps<R>) {
  const { query, paging, onSelect } = props;
  const box = useRef<HTMLDivElement>(null);
  useRowKeys(box);
  const [density] = usePreference('density');
  const columns = useColumns(props);
  const visibility = useVisibility(props, useWidth(box));
  const rows = query.data?.items ?? [];
  return (
    <TabStopContext value={false}>
      <Box ref={box} sx={FRAME}>
        <DataGrid<R>
          aria-label={props.label}
          rows={rows}
          columns={columns}
          {...visibility}
          density={density}
          loading={query.isPending}
          slotProps={SKELETON}
          sx={LOOK}
          disableColumnFilter
          disableRowSelectionOnClick
          checkboxSelection={onSelect !== undefined}
          {...(onSelect && { rowSelectionModel: selection(props.selected), onRowSelectionModelChange: (model) => onSelect(chosen(model, rows)) })}
          sortingMode="server"
          sortModel={sortModel(props.sort)}
          onSortModelChange={(model) => props.onSort?.(sortText(model))}
          paginationMode="server"
          paginationModel={{ page: paging.page, pageSize: paging.pageSize }}
          onPaginationModelChange={(model) => moved(model, paging, query.data?.next)}
          pageSizeOptions={PAGE_SIZES}
          rowCount={rowCount(props)}
          paginationMeta={{ hasNextPage: typeof query.data?.next === 'string' }}
          localeText={{ paginationDisplayedRows: shownRows(rows.length, props) }}
        />
      </Box>
    </TabStopContext>
  );
}

const FRAME = { display: 'flex', flexDirection: 'column', minWidth: 0, maxHeight: { md: 'max(480px, calc(100dvh - 230px))' } };
const SKELETON = { loadingOverlay: { variant: 'skeleton', noRowsVariant: 'skeleton' } } as const;
const LOOK = {
  bgcolor: 'background.paper',
  '--DataGrid-t-header-background-base': 'transparent',
  '& .MuiDataGrid-row': { position: 'relative' },
  // The link covers its row; what can be pressed in other cells lies above it.
  '& .MuiDataGrid-cell :is(button, input, a:not(.row-link), [role="checkbox"])': { position: 'relative', zIndex: 1 },
  '& .MuiDataGrid-cell': { display: 'flex', alignItems: 'center' },
};

function useColumns<R extends { id: string }>({ columns, rowHref, linkField, onSort }: TableProps<R>): GridColDef<R>[] {
  return useMemo(() => {
    const link = linkField ?? columns[0]?.field;
    return columns.map(({ rank: _rank, ...column }) => ({
      ...column,
      sortable: onSort !== undefined && (column.sortable ?? false),
      ...(rowHref && column.field === link && { renderCell: linked(column, rowHref) }),
    }));
  }, [columns, rowHref, linkField, onSort]);
}

/** The columns there is room for, and whatever was shown or hidden by hand. */
function useVisibility<R extends { id: string }>({ columns, onSelect }: TableProps<R>, width: number) {
  const [byHand, setByHand] = useState<GridColumnVisibilityModel>({});
  const fitting = useMemo(() => columnsThatFit(columns, width, onSelect !== undefined), [columns, width, onSelect]);
  const change = (wanted: GridColumnVisibilityModel) =>
    setByHand(Object.fromEntries(columns.map(({ field }) => [field, wanted[field] ?? true] as const).filter(([field, shown]) => shown !== (fitting[field] ?? true))));
  return { columnVisibilityModel: { ...fitting, ...byHand }, onColumnVisibilityModelChange: change };
}

function linked<R extends { id: string }>(column: TableColumn<R>, rowHref: (row: R) => string): GridColDef<R>['renderCell'] {
  return (params) => (
    <RowLink to={rowHref(params.row)} tabIndex={params.tabIndex}>
      {column.renderCell ? column.renderCell(params) : String(params.formattedValue ?? params.value ?? '')}
    </RowLink>
  );
}

function sortModel(sort: string | undefined): GridSortModel {
  if (!sort) return [];
  return sort.startsWith('-') ? [{ field: sort.slice(1), sort: 'desc' }] : [{ field: sort, sort: 'asc' }];
}

function sortText(model: GridSortModel): string {
  const [first] = model;
  if (first?.sort === undefined || first.sort === null) return '';
  return first.sort === 'desc' ? `-${first.field}` : first.field;
}

function moved(model: { page: number; pageSize: number }, paging: CursorPaging, next: string | null | undefined): void {
  if (model.pageSize !== paging.pageSize) paging.resize(model.pageSize);
  else if (model.page !== paging.page) paging.go(model.page, next);
}

function rowCount<R extends { id: string }>({ query, paging }: TableProps<R>): number {
  const total = query.data?.total ?? query.data?.total_estimate;
  if (typeof total === 'number') return Math.max(total, paging.page * paging.pageSize + (query.data?.items.length ?? 0));
  return query.data?.next ? -1 : paging.page * paging.pageSize + (query.data?.items.length ?? 0);
}

/** "1–25 of 1,204", "1–25 of about 200,000", "26–50". */
function shownRows<R extends { id: string }>(rows: number, { query, paging }: TableProps<R>): () => string {
  const first = paging.page * paging.pageSize + 1;
  const range = rows === 0 ? '0' : `${first.toLocaleString('en')}–${(first + rows - 1).toLocaleString('en')}`;
  const { total, total_estimate: estimate } = query.data ?? {};
  if (typeof total === 'number') return () => `${range} of ${total.toLocaleString('en')}`;
  if (typeof estimate === 'number') return () => `${range} of about ${Math.max(estimate, first + rows - 1).toLocaleString('en')}`;
  return () => range;
}

function selection(ids: readonly string[] = []): GridRowSelectionModel {
  return { type: 'include', ids: new Set(ids) };
}

/** The grid tells "all but these" for the box in its head; only rows on the screen are meant. */
function chosen<R extends { id: string }>(model: GridRowSelectionModel, rows: R[]): string[] {
  if (model.type === 'include') return [...model.ids].map(String);
  return rows.map((row) => row.id).filter((id) => !model.ids.has(id));
}
