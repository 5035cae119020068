// The two texts that make an API a source: the manifest, and the mapping of its records to documents.
import { plural } from "../lib/format";
import type { ReadManifest } from "./manifest";
import { YamlEditor } from "./yaml-editor";
import "./manifest.css";

type ManifestProps = { read: ReadManifest; manifest: string; setManifest: (text: string) => void };

export function ManifestEditor({ read, manifest, setManifest }: ManifestProps) {
  return (
    <>
      <YamlEditor
        label="Manifest"
        hint="A low-code connector manifest (manifest.yaml), as published for Airbyte."
        value={manifest}
        onChange={setManifest}
        errors={read.errors}
      />
      {read.streams.length > 0 && (
        <p className="hint">
          {plural(read.streams.length, "stream")}: {read.streams.join(", ")}
        </p>
      )}
    </>
  );
}

export function MappingEditor({
  mapping,
  setMapping,
}: {
  mapping: string;
  setMapping: (text: string) => void;
}) {
  return (
    <details>
      <summary>How records become documents (search.yaml, optional)</summary>
      <YamlEditor
        label="search.yaml"
        hint="Without one, titles, texts and people are guessed; the test below shows the guess."
        rows={8}
        value={mapping}
        onChange={setMapping}
        errors={[]}
      />
    </details>
  );
}
