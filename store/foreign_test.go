package store

import (
	"path/filepath"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// TestForeign: a format that is not read is named, with a command that converts the file at hand. A part of the
// command is in `line`, where NAME stands for the path of the file.
func TestForeign(t *testing.T) {
	hdf5 := hdf5Magic + strings.Repeat("\x00", 100)
	matlab := "MATLAB 7.3 MAT-file"
	matlab += strings.Repeat(" ", 512-len(matlab)) // a block before the HDF5 file, which then begins at byte 512
	pickle := "\x80\x04\x95\x00\x00"
	coords := storetest.NPY("<i8", "(2, 0)")
	structured := storetest.NPYFile("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1, 2)}")
	zeros := strings.Repeat("\x00", 48) // the numbers of an array of MATLAB 4: 3 x 2 of eight bytes
	tests := []struct{ name, file, want, line string }{
		{"HDF5", hdf5, "HDF5", "h5py.File('NAME')"},
		{"HDF5 behind a user block", strings.Repeat("\x00", 2048) + hdf5, "HDF5", "h5py.File('NAME')"},
		{"MATLAB 7.3", matlab + hdf5, "MATLAB 7.3 (HDF5)", "x[()].T"},
		{"pickle", pickle, "a pickle", "pickle.load(open('NAME','rb'),encoding='latin1')"},
		{"pickle in gzip", storetest.Gzip(pickle), "a pickle", "import gzip; import pickle,numpy; "},
		{"pickle in xz", storetest.XZ(pickle), "a pickle", "pickle.load(lzma.open('NAME'),"},
		{"pickle in zstd", storetest.Zstd(pickle), "a pickle", "unpack it to a FILE, and convert that by: python3"},
		{"pickle of protocol 0", "(lp0\n(lp1\nI1\naa.", "a pickle", "open('NAME','rb')"},
		{"PyTorch", storetest.Zip(0, "archive/data.pkl", pickle), "a PyTorch file", "torch.load('NAME'"},
		{"Parquet", "PAR1\x15\x04\x15\x10", "Parquet", "read_parquet('NAME').to_csv('NAME.csv'"},
		{"Feather", "ARROW1\x00\x00\xff\xff", "Arrow or Feather", "read_feather('NAME')"},
		{"Avro", "Obj\x01\x04\x14", "Avro", "fastavro.reader(open('NAME','rb'))"},
		{"xlsx", storetest.Zip(8, "[Content_Types].xml", "", "xl/workbook.xml", ""), "an Excel file", "read_excel('NAME',header=None)"},
		{"xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "an Excel file", "read_excel('NAME',header=None)"},
		{"SQLite", "SQLite format 3\x00", "SQLite", "sqlite3.connect('NAME')"},
		{"R", storetest.Gzip("X\n\x00\x00\x00\x03"), "R data", "readRDS('NAME'),'NAME.csv'"},
		{"FASTA", ">a\nACD\n", "FASTA", "numpy.save('NAME.npy'"},
		{"JSON", "[[0,1]]", "JSON", "json.load(open('NAME','rb'))"},
		{"JSON with a byte order mark", "\ufeff[[0,1]]", "JSON", "json.load(open('NAME','rb'))"},
		{"PDF", "%PDF-1.4\n", "a PDF", ""},
		{"HTML", "<!DOCTYPE html>", "an HTML page", "a download that failed leaves such a page"},
		{"PNG", "\x89PNG\r\n\x1a\n\x00", "a PNG picture", "a folder of pictures is read, one row each"},
		{"tar in gzip", storetest.Gzip(strings.Repeat("\x00", 257) + "ustar"), "a tar archive", "tar -xf 'NAME'"},
		{"safetensors", "\x10\x00\x00\x00\x00\x00\x00\x00{\"a\":{}}", "safetensors", "load_file('NAME')"},
		{"MATLAB 4", "\x00\x00\x00\x00\x03\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00x\x00" + zeros,
			"MATLAB 4", "loadmat('NAME')"},
		{"MATLAB 4, big-endian", "\x00\x00\x03\xe8\x00\x00\x00\x03\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x02x\x00" + zeros,
			"MATLAB 4", "loadmat('NAME')"},
		{"sparse of PyData", storetest.Zip(0, "coords.npy", coords, "data.npy", storetest.Float32s()),
			"a sparse array of the package sparse", "sparse.load_npz('NAME')"},
		{"NetCDF", "CDF\x01\x00\x00", "NetCDF", "netcdf_file('NAME'"},
		{"VCF", "##fileformat=VCFv4.2\n", "VCF", "read_vcf('NAME')"},
		{"joblib", "\x78\x9c\x00\x00", "zlib, as joblib writes", "joblib.load('NAME')"},
		{"object array", storetest.NPY("|O", "(1, 2)"),
			"byte 10: an object array (pickle)", "numpy.load('NAME',allow_pickle=True)"},
		{"structured array", structured, `byte 10: a structured array "[('a', '<f4')]"`, "structured_to_unstructured(x)"},
		{"text in an NPZ", storetest.Zip(0, "x.npy", storetest.NPY("<U1", "(1, 2)")),
			`array "x": byte 10: an array of text "<U1"`, "numpy.load('NAME',allow_pickle=True)['x']"},
	}
	for _, test := range tests {
		path := storetest.WriteFile(t, "it's", test.file) // the error says FILE for a name with a quote
		_, err := ReadTable(path, Options{})
		line := strings.ReplaceAll(test.line, "NAME", "FILE")
		if err == nil || !strings.HasPrefix(err.Error(), test.want+", want ") || !strings.Contains(err.Error(), line) {
			t.Errorf("%s: got %v, want %s and %s", test.name, err, test.want, line)
		}
		path = filepath.Join(filepath.Dir(path), "data.x")
		_, err = decodeString(test.file, Options{Name: path})
		if line = strings.ReplaceAll(test.line, "NAME", path); err == nil || !strings.Contains(err.Error(), line) {
			t.Errorf("%s: got %v, want %s", test.name, err, line)
		}
		if err != nil && strings.Contains(err.Error(), "{.") { // as in {.npz}
			t.Errorf("%s: %v has a placeholder without its value", test.name, err)
		}
	}
}

// TestForeignIsNoText: a table of text whose header begins like a binary format is a table.
func TestForeignIsNoText(t *testing.T) {
	for _, file := range []string{"PAR1,PAR2\n0,1\n", "BM,BN\n0,1\n", "BZh9,b\n0,1\n", "ORC,b\n0,1\n"} {
		if got, err := decodeString(file, Options{}); err != nil || got.Shape[0] != 1 {
			t.Errorf("%q: got %v %v, want one row", file, got, err)
		}
	}
}
