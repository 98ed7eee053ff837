package main

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
)

// The part of a page that its picture shows, in pixels.
const pageWidth, pageHeight = 900, 1010

// page writes a picture of the top of a run's page to the file out, as Chromium shows it in light colors.
func page(run, out string) error {
	file, err := filepath.Abs(filepath.Join(run, "report.html"))
	if err != nil {
		return err
	}
	if _, err := os.Stat(file); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "pictures")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	shot := filepath.Join(folder, "page.png")
	cmd := exec.Command("chromium-headless-shell",
		"--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--blink-settings=preferredColorScheme=1",
		fmt.Sprintf("--window-size=%d,%d", pageWidth, pageHeight), "--screenshot="+shot, "file://"+file)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("chromium-headless-shell: %w\n%s", err, output)
	}
	source, err := os.Open(shot)
	if err != nil {
		return err
	}
	defer source.Close()
	full, err := png.Decode(source)
	if err != nil {
		return err
	}
	few := image.NewPaletted(full.Bounds(), pageColors())
	draw.Draw(few, few.Bounds(), full, full.Bounds().Min, draw.Src)
	return save(out, few)
}

// pageColors are 40 greys and 216 colors in equal steps: with 256 colors the picture is small.
func pageColors() color.Palette {
	var p color.Palette
	for k := range 40 {
		p = append(p, color.Gray{Y: uint8(k * 255 / 39)})
	}
	for k := range 216 {
		p = append(p, color.RGBA{uint8(k / 36 * 51), uint8(k / 6 % 6 * 51), uint8(k % 6 * 51), 255})
	}
	return p
}
