import type { Preview } from '@murmur/core/volunteer/view';
import { fitGrid } from '../views/pictureGrid.ts';
import { PICTURE_GAP, PictureRow } from '../views/PictureRow.tsx';
import { useWidth } from '../views/useWidth.ts';

function Rows({ preview, width }: { preview: Preview; width: number }) {
  const { count, side, channels } = preview;
  const fit = fitGrid(width, { count, side, gap: PICTURE_GAP, pixelRatio: window.devicePixelRatio });
  const row = { ...fit, side, channels };
  return (
    <>
      <PictureRow {...row} label="Original" pictures={preview.original} />
      <PictureRow {...row} label="What the model sees" pictures={preview.masked} />
      <PictureRow {...row} label="What it predicts" pictures={preview.predicted} />
    </>
  );
}

const PICTURES_TO_COME =
  'After the first round, pictures appear here three times: whole, with most of their patches hidden, and as the ' +
  'model fills them in.';
const NO_PICTURES = 'This machine took part in no round, so it holds no pictures to show.';

/** Original, masked and predicted pictures, and the round in which the prediction was made. */
export function PicturePanel({ preview, finished }: { preview: Preview | undefined; finished: boolean }) {
  const [box, width] = useWidth<HTMLDivElement>();
  return (
    <section class="panel pictures">
      <h2>What the model imagines</h2>
      <div ref={box} class="rows">
        {preview !== undefined && width > 0 && <Rows preview={preview} width={width} />}
      </div>
      {preview === undefined ? (
        <p class="empty">{finished ? NO_PICTURES : PICTURES_TO_COME}</p>
      ) : (
        <p class="caption">
          After round {preview.round}. The model sees only the patches that are not grey and predicts the
          others.
        </p>
      )}
    </section>
  );
}
