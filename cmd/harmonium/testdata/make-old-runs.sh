#!/usr/bin/env bash
# Makes the files of TestOldRuns with the command of commit 3bd6d81, given as the argument:
# a model and a checkpoint after 15 updates by each algorithm that persists, and the
# SHA-256 of the tensors that the checkpoint comes to after 40 updates.
set -euo pipefail
harmonium=$(realpath "$1")
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# tensors writes what follows the header, whose length the first eight bytes give.
tensors() { tail -c +$((9 + $(od -An -t u8 -N 8 "$1"))) "$1"; }
rm -f old-*.safetensors old-digests.txt
for algorithm in pcd fpcd pt ptt; do
	run=$scratch/$algorithm
	"$harmonium" train --data bars-and-stripes:3 --hidden 5 --batch-size 6 --chains 7 --algorithm "$algorithm" -k 2 \
		--learning-rate 0.1 --momentum 0.5 --schedule constant --eval never --updates 15 --out "$run" >/dev/null 2>&1
	cp "$run/checkpoint.safetensors" "old-$algorithm.safetensors"
	[[ $algorithm != pcd ]] || cp "$run/model.safetensors" old-model.safetensors
	"$harmonium" train --resume "$run" --updates 40 >/dev/null 2>&1
	echo "$algorithm $(tensors "$run/checkpoint.safetensors" | sha256sum | cut -d' ' -f1)" >>old-digests.txt
done
echo model >>old-digests.txt
