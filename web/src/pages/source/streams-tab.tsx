// The streams of a source: how much of each there is, how far it was read, and whether it is read at all.
import { useState } from "react";
import { call } from "../../api/client";
import type { Resource } from "../../api/resource";
import type { Page, Source, Stream } from "../../api/types";
import { cursorText } from "../../lib/format";
import { Button, Empty, ErrorNotice, Num, Skeleton, Time } from "../../ui/basics";
import { attempt } from "../../ui/overlay";
import { ActionsHead, Head, Table } from "../../ui/table";

type StreamsProps = { source: Source; streams: Resource<Page<Stream>> };

export function StreamsTab({ source, streams }: StreamsProps) {
  const [busy, setBusy] = useState<number | null>(null);
  const toggle = async (stream: Stream) => {
    setBusy(stream.id);
    const change = () =>
      call("PATCH", `/sources/${source.id}/streams/${stream.id}`, { enabled: !stream.enabled });
    const done = stream.enabled
      ? `${stream.name} is no longer read; what it brought stays`
      : `${stream.name} is read again from the next sync on`;
    if (await attempt(change, done)) streams.reload();
    setBusy(null);
  };
  if (streams.error) return <ErrorNotice error={streams.error} retry={streams.reload} />;
  if (!streams.data) return <Skeleton rows={3} />;
  if (streams.data.items.length === 0) {
    return (
      <Empty title="No streams yet">
        <p>They are listed once the first sync has asked what there is.</p>
      </Empty>
    );
  }
  // A source of one stream has a switch already: it can be paused.
  const canSwitch = source.may_manage && streams.data.items.length > 1;
  return (
    <Table
      label="Streams"
      head={
        <>
          <Head>Stream</Head>
          <Head num>Records</Head>
          <Head num>Errors</Head>
          <Head className="not-on-phones">Last landed</Head>
          <Head className="not-on-phones">Read up to</Head>
          {canSwitch && <ActionsHead />}
        </>
      }
    >
      {streams.data.items.map((stream) => (
        <tr key={stream.id}>
          <td className="grow">
            {stream.name} {!stream.enabled && <span className="quiet-text">(not read)</span>}
          </td>
          <td className="num">
            <Num n={stream.records} />
          </td>
          <td className="num">
            <Num n={stream.failures} />
          </td>
          <td className="not-on-phones">
            <Time at={stream.last_landed_at} />
          </td>
          <td className="mono cursor not-on-phones">{cursorText(stream.cursor)}</td>
          {canSwitch && (
            <td className="actions">
              <Button
                busy={busy === stream.id}
                onClick={() => toggle(stream)}
                aria-label={`${stream.enabled ? "Leave out" : "Read"} stream ${stream.name}`}
              >
                {stream.enabled ? "Leave out" : "Read"}
              </Button>
            </td>
          )}
        </tr>
      ))}
    </Table>
  );
}
