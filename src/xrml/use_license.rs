//! Rights policy templates: signed policy documents that also serve as rights data ([MS-RMPR] 2.2.9.10).
