package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path"
)

// packedFile is a file in an archive.
type packedFile struct {
	content []byte
	mode    os.FileMode
}

// unpack answers the files of an archive, .zip or else .tar.gz, by their names.
func unpack(name string, packed []byte) (map[string]packedFile, error) {
	if path.Ext(name) == ".zip" {
		return unzip(packed)
	}
	compressed, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	files := map[string]packedFile{}
	for archive := tar.NewReader(compressed); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			return nil, err
		}
		files[header.Name] = packedFile{content, header.FileInfo().Mode()}
	}
}

func unzip(packed []byte) (map[string]packedFile, error) {
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return nil, err
	}
	files := map[string]packedFile{}
	for _, entry := range archive.File {
		file, err := entry.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(file)
		if err != nil {
			return nil, err
		}
		if err := file.Close(); err != nil {
			return nil, err
		}
		files[entry.Name] = packedFile{content, entry.Mode()}
	}
	return files, nil
}
