package store

// foreignFormat is a format that this package recognizes but cannot read.
type foreignFormat struct {
	name   string // for the error: "HDF5", "a pickle"
	offset int    // place of magic in the file
	magic  string // bytes of each file
	binary bool   // a text could have these bytes too: among the first 64 there must be one that no text has
	line   string // as origin.refuse takes it: a command that converts the file, a hint, or nothing
}

// Lines that more than one format shares.
const (
	pickleLine = "import pickle,numpy; f=lambda x:[x] if getattr(x,'ndim',0)>1 or type(x) is list and list in map(type,x) " +
		"else sum(map(f,x.values() if type(x) is dict else x),[]) if type(x) in (tuple,list,dict) else []; " +
		"numpy.savez({.npz},*f(pickle.load({open},encoding='latin1')))"
	torchLine = "import torch,numpy; x=torch.load({},map_location='cpu'); " +
		"numpy.savez({.npz},**{k:v.detach().numpy() for k,v in (x.items() if type(x) is dict else [('rows',x)])})"
	hdf5Line = "import h5py,numpy; a=dict(); h5py.File({}).visititems(lambda n,x: a.update([(n.replace('/','_'),x[()])]) " +
		"if getattr(x,'ndim',0)>1 else None); numpy.savez({.npz},**a)"
	excelLine  = "import pandas; pandas.read_excel({},header=None).to_csv({.csv},index=False,header=False)"
	arrowLine  = "import pandas; pandas.read_feather({}).to_csv({.csv},index=False)"
	rLine      = `$ Rscript -e "write.csv(readRDS({}),{.csv},row.names=FALSE)"`
	netcdfLine = "import scipy.io,numpy; numpy.savez({.npz},**{k:v[:] for k,v in scipy.io.netcdf_file({},mmap=False).variables.items()})"
	joblibLine = "import joblib,numpy; numpy.save({.npy},joblib.load({}))"
	pageHint   = "; a download that failed leaves such a page"
	hdf5Magic  = "\x89HDF\r\n\x1a\n"
)

// foreignFormats lists the formats. The first one that fits a file is taken, so a magic that begins with another one
// stands before it.
var foreignFormats = []foreignFormat{
	{"a pickle", 0, "(lp", false, pickleLine},
	{"a pickle", 0, "(dp", false, pickleLine},
	{"a pickle", 0, "cnumpy", false, pickleLine},
	{"a pickle", 0, "ccopy_reg", false, pickleLine},
	{"a PyTorch file", 0, "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19", false, torchLine},
	{"a pickle", 0, "\x80\x02", false, pickleLine},
	{"a pickle", 0, "\x80\x03", false, pickleLine},
	{"a pickle", 0, "\x80\x04", false, pickleLine},
	{"a pickle", 0, "\x80\x05", false, pickleLine},
	{"Parquet", 0, "PAR1", true, "import pandas; pandas.read_parquet({}).to_csv({.csv},index=False)"},
	{"Arrow or Feather", 0, "ARROW1\x00\x00", false, arrowLine},
	{"Feather", 0, "FEA1", true, arrowLine},
	{"an Arrow stream", 0, "\xff\xff\xff\xff", false, "import pyarrow.ipc; pyarrow.ipc.open_stream({open}).read_pandas().to_csv({.csv},index=False)"},
	{"ORC", 0, "ORC", true, "import pandas; pandas.read_orc({}).to_csv({.csv},index=False)"},
	{"Avro", 0, "Obj\x01", false, "import fastavro,pandas; pandas.DataFrame(fastavro.reader({open})).to_csv({.csv},index=False)"},
	{"an Excel file", 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", false, excelLine},
	{"SQLite", 0, "SQLite format 3\x00", false, "import sqlite3,csv; c=sqlite3.connect({}); t=c.execute('select name from sqlite_master where type=?',['table']).fetchone()[0]; " +
		"csv.writer(open({.csv},'w')).writerows(c.execute('select * from '+t))"},
	{"Stata", 0, "<stata_dta>", false, "import pandas; pandas.read_stata({}).to_csv({.csv},index=False)"},
	{"SPSS", 0, "$FL2", false, "import pandas; pandas.read_spss({}).to_csv({.csv},index=False)"},
	{"SAS", 0, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc2\xea\x81\x60", false, "import pandas; pandas.read_sas({},format='sas7bdat').to_csv({.csv},index=False)"},
	{"R data", 0, "X\n\x00\x00\x00", false, rLine},
	{"R data", 0, "RDX", true, ""},
	{"R data", 0, "RDA", true, ""},
	{"FASTA", 0, ">", false, "import numpy; a=numpy.array([list(''.join(x.splitlines()[1:])) for x in {open}.read().decode().split('>')[1:]]); " +
		"numpy.save({.npy},(a[:,:,None]==numpy.unique(a)).reshape(len(a),-1))"},
	{"Matrix Market", 0, "%%MatrixMarket", false, "import scipy.io,scipy.sparse as s; s.save_npz({.npz},s.csr_matrix(scipy.io.mmread({})))"},
	{"JSON", 0, "[", false, "import json,numpy; numpy.save({.npy},numpy.array(json.load({open})))"},
	{"JSON", 0, "{", false, "import pandas; pandas.read_json({}).to_csv({.csv},index=False)"},
	{"NetCDF", 0, "CDF\x01", false, netcdfLine},
	{"NetCDF", 0, "CDF\x02", false, netcdfLine},
	{"FITS", 0, "SIMPLE  =", false, "import numpy; from astropy.io import fits; numpy.save({.npy},fits.getdata({}))"},
	{"VCF", 0, "##fileformat=VCF", false, "import allel,numpy; g=allel.read_vcf({})['calldata/GT']; numpy.save({.npy},g.reshape(len(g),-1).T)"},
	{"PLINK", 0, "\x6c\x1b\x01", false, "import numpy; from bed_reader import open_bed; numpy.save({.npy},open_bed({}).read())"},
	{"zlib, as joblib writes", 0, "\x78\x9c", false, joblibLine},
	{"zlib, as joblib writes", 0, "\x78\x01", false, joblibLine},
	{"zlib, as joblib writes", 0, "\x78\xda", false, joblibLine},
	{"a PDF", 0, "%PDF-", false, ""},
	{"an HTML page", 0, "<!DOCTYPE", false, pageHint},
	{"an HTML page", 0, "<!doctype", false, pageHint},
	{"an HTML page", 0, "<html", false, pageHint},
	{"XML", 0, "<?xml", false, ""},
	{"a PNG picture", 0, "\x89PNG\r\n\x1a\n", false, folderHint},
	{"a JPEG picture", 0, "\xff\xd8\xff", false, folderHint},
	{"a GIF picture", 0, "GIF8", true, folderHint},
	{"a BMP picture", 0, "BM", true, folderHint},
	{"a TIFF picture", 0, "II*\x00", false, folderHint},
	{"a TIFF picture", 0, "MM\x00*", false, folderHint},
	{"a WebP picture", 8, "WEBP", true, folderHint},
	{"a tar archive", 257, "ustar", false, "$ tar -xf {}"},
	{"a 7z archive", 0, "7z\xbc\xaf\x27\x1c", false, "$ 7z x {}"},
	{"a RAR archive", 0, "Rar!\x1a\x07", false, "$ unrar x {}"},
	{"compressed by lz4", 0, "\x04\x22\x4d\x18", false, "$ lz4 -d {}"},
	{"compressed by compress", 0, "\x1f\x9d", false, "$ gzip -d {}"},
	{"compressed by lzma", 0, "\x5d\x00\x00", false, "$ xz -d --format=lzma {}"},
}

const folderHint = "; a folder of pictures is read, one row each"
