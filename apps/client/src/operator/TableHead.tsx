export interface ColumnHead {
  readonly name: string;
  /** Figures are set to the right, so that they compare. */
  readonly number?: boolean;
}

/** The head of a table that becomes cards on a narrow screen, where each cell names itself. */
export function TableHead({ columns }: { columns: readonly ColumnHead[] }) {
  return (
    <thead>
      <tr>
        {columns.map(({ name, number }) => (
          <th scope="col" key={name} class={number === true ? 'number' : ''}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
