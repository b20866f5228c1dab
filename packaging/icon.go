package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
)

// size is the icon's width and height in pixels.
const size = 512

// drawIcon draws a key on a rounded square. Each pixel is the mean of 16 points.
func drawIcon() image.Image {
	drawn := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			var square, key int
			for i := range 16 {
				at := point{float64(x) + float64(i%4)/4 + 0.125, float64(y) + float64(i/4)/4 + 0.125}
				if at.within(point{256, 256}, 256, 256, 96) {
					square++
				}
				if at.inKey() {
					key++
				}
			}
			drawn.Set(x, y, mixed(square, key))
		}
	}
	return drawn
}

// mixed is the colour of a pixel of which so many points of 16 are in the square
// and in the key.
func mixed(square, key int) color.NRGBA {
	ground, metal := [3]int{22, 66, 91}, [3]int{250, 204, 92}
	var c [3]uint8
	for i := range c {
		c[i] = uint8((ground[i]*(16-key) + metal[i]*key) / 16)
	}
	return color.NRGBA{c[0], c[1], c[2], uint8(255 * square / 16)}
}

type point struct{ x, y float64 }

// within says whether a point is in a box around its middle, of half its width and
// height, with corners rounded by a radius.
func (p point) within(middle point, width, height, radius float64) bool {
	x := max(math.Abs(p.x-middle.x)-(width-radius), 0)
	y := max(math.Abs(p.y-middle.y)-(height-radius), 0)
	return x*x+y*y <= radius*radius
}

// inKey says whether a point is in the key, which lies aslant.
func (p point) inKey() bool {
	x, y := p.x-256, p.y-256
	turned := point{(x - y) * math.Sqrt2 / 2, (x + y) * math.Sqrt2 / 2}
	bow := point{-96, 0}
	return turned.within(bow, 88, 88, 88) && !turned.within(bow, 44, 44, 44) ||
		turned.within(point{84, 0}, 108, 20, 8) ||
		turned.within(point{110, 34}, 18, 40, 8) || turned.within(point{174, 28}, 18, 34, 8)
}

func writeIcon(path string) error {
	var text bytes.Buffer
	if err := png.Encode(&text, drawIcon()); err != nil {
		return err
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}
