import type { Preview } from '@murmur/core/volunteer/view';
import { fitGrid } from '../views/pictureGrid.ts';
import { PICTURE_GAP, PictureRow } from '../views/PictureRow.tsx';
import { useWidth } from '../views/useWidth.ts';
import { pictureWords, type PictureWords } from './pictureWords.ts';

interface RowsProps {
  readonly preview: Preview;
  readonly labels: PictureWords['rows'];
  readonly width: number;
}

function Rows({ preview, labels, width }: RowsProps) {
  const { count, side, channels } = preview;
  const fit = fitGrid(width, { count, side, gap: PICTURE_GAP, pixelRatio: window.devicePixelRatio });
  const row = { ...fit, side, channels };
  return (
    <>
      {[preview.original, preview.masked, preview.predicted].map((pictures, i) => {
        const label = labels[i];
        return label !== undefined && <PictureRow {...row} key={label} label={label} pictures={pictures} />;
      })}
    </>
  );
}

const NO_PICTURES = 'This machine took part in no round, so it holds no pictures to show.';

interface PicturePanelProps {
  readonly preview: Preview | undefined;
  /** Of the run; undefined until it is known. */
  readonly objective: string | undefined;
  readonly finished: boolean;
}

/** The pictures up to three times: as they are, and the two ways in which the model meets or remakes them. */
export function PicturePanel({ preview, objective, finished }: PicturePanelProps) {
  const [box, width] = useWidth<HTMLDivElement>();
  const words = pictureWords(objective);
  return (
    <section class="panel pictures">
      <h2>{words.heading}</h2>
      <div ref={box} class="rows">
        {preview !== undefined && width > 0 && <Rows preview={preview} labels={words.rows} width={width} />}
      </div>
      {preview === undefined ? (
        <p class="empty">{finished ? NO_PICTURES : words.toCome}</p>
      ) : (
        <p class="caption">{words.caption(preview.round)}</p>
      )}
    </section>
  );
}
